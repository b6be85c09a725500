/** DNS of the host. */
import { oldServer, otherPort80 } from '../fixtures/addresses.ts'
import type { BrokenRow, Place } from '../fixtures/row.ts'

const dns = { inYaml: false, elsewhere: true } as const
const mend = ({ mesh, host }: Place) => mesh.pointAtGateways([host])
const host = (code: 'P80-310') => ({ reach: code, ...dns, mend })

export const nameRows: readonly BrokenRow[] = [
  {
    ...{ name: 'the name has no address', id: 'no-address', ...host('P80-310') },
    breakIt: ({ mesh, host: name }) => mesh.pebble.resolver.clear(name),
  },
  {
    ...{ name: 'the resolver of the name fails', id: 'servfail', ...host('P80-310') },
    breakIt: ({ mesh, host: name }) => mesh.pebble.resolver.servfail(name),
    async mend(at) {
      await at.mesh.pebble.resolver.clear(at.host)
      await mend(at)
    },
  },
  {
    ...{ name: 'AAAA leads elsewhere', id: 'six-elsewhere', reach: 'P80-309', ...dns },
    breakIt: ({ mesh, host: name }) => mesh.pebble.resolver.setSix(name, 'fd00:80::1'),
    mend: ({ mesh, host: name }) => mesh.pebble.resolver.setSix(name),
  },
  {
    ...{ name: 'CAA names another CA', id: 'caa', reach: 'P80-311', ...dns },
    breakIt: ({ mesh, host: name }) => mesh.pebble.resolver.setCaa(name, 'other-ca.example'),
    mend: ({ mesh, host: name }) => mesh.pebble.resolver.setCaa(name),
  },
  {
    ...{ name: 'nothing listens at the address', id: 'refused', reach: 'P80-306', ...dns },
    // istiod's: no port 80.
    breakIt: ({ mesh, host: name }) => mesh.pebble.resolver.setAddress(name, mesh.istiod.ip),
    mend,
  },
  {
    ...{ name: 'the name still leads to the old server', id: 'old-server', reach: 'P80-305', ...dns },
    breakIt: async ({ mesh, host: name }) => mesh.pebble.resolver.setAddress(name, await oldServer(mesh)),
    mend,
  },
  {
    ...{
      name: 'the name leads to the port80 of another cluster',
      id: 'other-port80',
      reach: 'P80-315',
      ...dns,
    },
    breakIt: async ({ mesh, host: name }) => mesh.pebble.resolver.setAddress(name, await otherPort80(mesh)),
    mend,
  },
]
