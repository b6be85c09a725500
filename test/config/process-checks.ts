import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const processes: FaultRow[] = [
  {
    name: 'one port for both listeners',
    yaml: 'listeners: {public: {port: 9090}}',
    says: [
      '1: listeners.admin.port: 9090 is the port of both listeners; give the admin pages one of their own',
    ],
  },
  {
    name: 'one port on two addresses of the machine',
    yaml: 'listeners: {public: {host: 127.0.0.1, port: 80}, admin: {host: 127.0.0.2, port: 80}}',
    says: [],
  },
  {
    name: 'one port on one address and on all',
    yaml: 'listeners: {public: {host: 0.0.0.0, port: 80}, admin: {port: 80}}',
    says: [
      '1: listeners.admin.port: 80 is the port of both listeners; give the admin pages one of their own',
    ],
  },
  { name: 'free ports for both', yaml: 'listeners: {public: {port: 0}, admin: {port: 0}}', says: [] },
  {
    name: 'headers that may take longer than the request',
    yaml: 'listeners: {public: {headersTimeout: 20s}}',
    says: [
      '1: listeners.public.headersTimeout: "20s" is longer than requestTimeout (15s), of which it is a part; write at most as much',
    ],
  },
  {
    name: 'a request that may take less than its headers',
    yaml: 'listeners: {public: {requestTimeout: 9s}}',
    says: [
      '1: listeners.public.requestTimeout: "9s" is shorter than headersTimeout (10s), which is a part of it; write at least as much',
    ],
  },
  {
    name: 'a destination twice',
    yaml: 'destinations: [{directory: /a}, {directory: /a/}]',
    says: ['1: destinations[1].directory: "/a/" stands twice, first as destinations[0]; take one out'],
  },
  {
    name: 'a destination twice in a certificate',
    yaml: 'certificates: [{name: a, domains: [a.test], destinations: [{directory: ./a}, {directory: a}]}]',
    says: [
      '1: certificates[0].destinations[1].directory: "a" stands twice, first as destinations[0]; take one out',
    ],
  },
  {
    name: 'a destination in the store',
    yaml: 'destinations: [{directory: port80-state}]',
    says: [
      '1: destinations[0].directory: "port80-state" is the folder of the store, where account keys are; write another folder',
    ],
  },
  {
    name: 'the root as destination and something as store',
    yaml: 'destinations: [{directory: /}]',
    says: [],
  },
]
checkFaultRows(t, processes)
