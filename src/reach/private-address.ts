/** Which addresses mean the same to nobody but us: loopback, private networks, everything that is not routed publicly. Pure. */
import { BlockList, isIP } from 'node:net'

const privateFour = new BlockList()
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // RFC 6598: behind the NAT of a provider
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  privateFour.addSubnet(net, bits, 'ipv4')

/** RFC 4291 §2.4: all that is handed out as global unicast up to now. */
const publicSix = new BlockList()
publicSix.addSubnet('2000::', 3, 'ipv6')

/** Throws RangeError for what is no IP address. */
export function isPrivate(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return privateFour.check(address, 'ipv4')
    case 6:
      return !publicSix.check(address, 'ipv6')
    default:
      throw new RangeError('no IP address')
  }
}
