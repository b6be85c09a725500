import t from 'tap'
import { roleOf } from '../../src/serve/role.ts'

const rows: { name: string; option?: string; environment?: string; is: object }[] = [
  { name: 'nothing said', is: { role: 'all' } },
  { name: 'an empty variable', environment: '', is: { role: 'all' } },
  { name: 'the variable', environment: 'responder', is: { role: 'responder' } },
  {
    name: 'the option before the variable',
    option: 'worker',
    environment: 'responder',
    is: { role: 'worker' },
  },
  {
    name: 'an option that is none',
    option: 'boss',
    is: { fault: '--role is "boss"; write all, responder, worker' },
  },
  {
    name: 'a variable that is none',
    environment: 'Worker',
    is: { fault: 'PORT80_ROLE is "Worker"; write all, responder, worker' },
  },
]

for (const { name, option, environment, is } of rows) {
  t.test(name, (t) => {
    t.strictSame(roleOf(option, environment), is)
    t.end()
  })
}
