/** Pods of the bench reach each other and the machine, nothing outside, and a killed bench leaves nothing for long. */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { joinNetwork, openNetwork, type Network, type PodNetwork } from '../network.ts'

const run = promisify(execFile)
const ownerFile = join(import.meta.dirname, '../fixtures/network-owner.ts')

async function openFor(t: Test): Promise<Network> {
  const network = await openNetwork()
  t.teardown(() => network.close())
  return network
}

/** Runs the script in the pod; what it printed. */
async function script(network: Network, pod: PodNetwork, source: string): Promise<string> {
  const [command = '', ...args] = network.inside(pod, [process.execPath, '--input-type=module', '-e', source])
  return (await run(command, args)).stdout.trim()
}

const answers = (ip: string) =>
  until(
    () => fetch(`http://${ip}:8080/`),
    ({ ok }) => ok,
    { what: `${ip} answers` },
  )

/** A server in the pod that answers with the address of whoever asks. */
async function listen(network: Network, pod: PodNetwork): Promise<ChildProcess> {
  const source = `require('node:http').createServer((question, answer) => answer.end(question.socket.remoteAddress)).listen(8080, '0.0.0.0')`
  const [command = '', ...args] = network.inside(pod, [process.execPath, '-e', source])
  const child = spawn(command, args, { stdio: 'ignore' })
  await answers(pod.ip)
  return child
}

const asking = (url: string) =>
  `console.log(await fetch('${url}').then((answer) => answer.text(), (error) => error.cause?.code ?? String(error)))`

t.test('pods reach each other and the machine, each from its own address', async (t) => {
  const network = await openFor(t)
  const one = await network.pod('one')
  const two = await network.pod('two', network.address('0.7'))
  t.equal(two.ip, `${network.subnet}.0.7`, 'an address can be chosen')
  await listen(network, two)
  t.equal(await script(network, one, asking(`http://${two.ip}:8080/`)), one.ip)
  t.equal(
    await (await fetch(`http://${two.ip}:8080/`)).text(),
    network.address('255.254'),
    'the machine asks from its own',
  )
})

t.test('nothing routes out of the network, and that is said at once', async (t) => {
  const network = await openFor(t)
  const pod = await network.pod('inner')
  const code = await script(network, pod, asking('http://192.0.2.99:80/'))
  t.match(code, /ENETUNREACH|EHOSTUNREACH/)
})

t.test('a removed pod ends what ran in it, and its name and address can be had again', async (t) => {
  const network = await openFor(t)
  const ip = network.address('0.7')
  const first = await network.pod('again', ip)
  const child = await listen(network, first)
  const ended = once(child, 'exit')
  await first.remove()
  await ended
  await first.remove()
  const second = await network.pod('again', ip)
  await listen(network, second)
  t.notOk(
    execFileSync('ip', ['netns', 'pids', second.name], { encoding: 'utf8' }).includes(String(child.pid)),
  )
})

t.test('another process joins: no address twice, and its leaving takes only its own pods', async (t) => {
  const network = await openFor(t)
  const joined = joinNetwork(network.subnet)
  const pods = [await network.pod('owner-1'), await joined.pod('joined-1'), await network.pod('owner-2')]
  t.equal(new Set(pods.map((pod) => pod.ip)).size, pods.length)
  await joined.close()
  t.notOk(existsSync(`/run/netns/${pods[1]?.name}`))
  t.ok(existsSync(`/run/netns/${pods[2]?.name}`))
})

t.test('two at the same time have addresses of their own', async (t) => {
  const [one, two] = [await openFor(t), await openFor(t)]
  t.not(one.subnet, two.subnet)
})

t.test('what a killed owner left is gone when the next one opens', async (t) => {
  const owner = spawn(process.execPath, [ownerFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => owner.kill('SIGKILL'))
  const [line] = (await once(owner.stdout, 'data')) as [Buffer]
  const left = JSON.parse(line.toString()) as { subnet: string; ip: string; pid: number }
  await answers(left.ip)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const octet = left.subnet.split('.')[1]
  const remains = () => readdirSync('/run/netns').filter((name) => name.includes(`80-${octet}`))
  t.ok(remains().length > 0, 'killed, it could not clean up')
  const network = await openNetwork()
  // By whoever opens one first: beside this file there may be others.
  await until(
    () => remains().filter((name) => name.includes('listener')),
    ({ length }) => length === 0,
    { what: 'the pod of the killed owner is gone' },
  )
  await until(
    () => existsSync(`/proc/${left.pid}`),
    (running) => !running,
    { what: 'the process in the pod has ended' },
  )
  await network.close()
  t.same(
    readdirSync('/run/netns').filter((name) => name === `port80-${network.subnet.split('.')[1]}`),
    [],
  )
  t.notOk(execFileSync('ip', ['route'], { encoding: 'utf8' }).includes(`${network.subnet}.`))
})
