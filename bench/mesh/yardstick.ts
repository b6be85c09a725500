/** nginx, bare node:http and Envoy's own redirect behind the same gateway as port80, each under a name of its own. */
import { dirname, join } from 'node:path'
import { makeIstioObject } from '../../test/bench/mesh/fixtures/istio-object.ts'
import type { Challenge } from '../../src/challenge/store.ts'
import { responders, type Place } from './place.ts'

export const hosts = {
  port80: 'port80.example.com',
  nginx: 'nginx.example.com',
  'node:http': 'node.example.com',
  envoy: 'envoy.example.com',
} as const

/**
 * As many pods of nginx and of bare node:http as there are responders, labelled `app: nginx` and `app: node`; the tokens of
 * nginx are files. The routes are on the Gateway that the chart made. Answers the namespace of the pods.
 */
export async function addYardsticks(place: Place, tokens: readonly Challenge[]): Promise<string> {
  const { mesh } = place
  const namespace = await mesh.namespace('yardstick')
  await addNginx(place, namespace, tokens)
  await addNode(place, namespace)
  const gateway = await gatewayOf(place)
  const addRoute = (host: string, rule: object) =>
    makeIstioObject(mesh.must, {
      kind: 'VirtualService',
      namespace: mesh.gateways.namespace,
      name: host.replaceAll('.', '-'),
      spec: { hosts: [host], gateways: [gateway], http: [rule] },
    })
  const to = (name: string) => ({
    route: [{ destination: { host: `${name}.${namespace}.svc.cluster.local`, port: { number: 80 } } }],
  })
  await addRoute(hosts.nginx, to('nginx'))
  await addRoute(hosts['node:http'], to('node'))
  await addRoute(hosts.envoy, { redirect: { scheme: 'https', redirectCode: 301 } })
  return namespace
}

/** The Gateway for port 80 of the release. */
async function gatewayOf({ mesh, port80 }: Place): Promise<string> {
  const { namespace } = mesh.gateways
  const labels = `app.kubernetes.io/instance=${port80.release},app.kubernetes.io/component=routes`
  const path = `/apis/networking.istio.io/v1/namespaces/${namespace}/gateways`
  const { items } = await mesh.must<{ items: { metadata: { name: string } }[] }>(
    'GET',
    `${path}?labelSelector=${encodeURIComponent(labels)}`,
  )
  if (!items[0]) throw new Error(`the release has no Gateway in ${namespace}`)
  return `${namespace}/${items[0].metadata.name}`
}

/** What the seed of this project had in front of its responder: one worker, `return 301`. */
const configuration = `
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
  client_body_temp_path /tmp/body;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  server {
    listen 8080;
    location /.well-known/acme-challenge/ { alias /etc/nginx/; default_type text/plain; }
    location / { return 301 https://$host$request_uri; }
  }
}
`

async function addNginx(place: Place, namespace: string, tokens: readonly Challenge[]): Promise<void> {
  const files = Object.fromEntries(tokens.map(({ token, keyAuthorization }) => [token, keyAuthorization]))
  const data = { 'nginx.conf': configuration, ...files }
  await place.mesh.must('POST', `/api/v1/namespaces/${namespace}/configmaps`, {
    metadata: { name: 'nginx' },
    data,
  })
  const container = {
    ...{ image: 'nginx', args: ['-e', 'stderr', '-g', 'daemon off;'] },
    volumeMounts: [{ name: 'files', mountPath: '/etc/nginx' }],
  }
  const volumes = [{ name: 'files', configMap: { name: 'nginx' } }]
  await addPods(place, { namespace, name: 'nginx', container, volumes })
}

/** With Node's own settings: the floor for any server on it. */
async function addNode(place: Place, namespace: string): Promise<void> {
  const checkout = join(import.meta.dirname, '../..')
  place.runner.images.set('bare', {
    entrypoint: [process.execPath, join(checkout, 'bench/servers/bare.ts')],
    folders: [checkout, dirname(process.execPath)],
  })
  const container = { image: 'bare', args: ['8080', '0.0.0.0'] }
  await addPods(place, { namespace, name: 'node', container, volumes: [] })
}

/** Of nginx and of bare node:http each. */
export async function scaleYardsticks({ mesh }: Place, namespace: string, replicas: number): Promise<void> {
  for (const name of ['nginx', 'node'])
    await mesh.must('PATCH', `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`, {
      spec: { replicas },
    })
}

interface Pods {
  readonly namespace: string
  readonly name: string
  /** Listens on 8080. */
  readonly container: object
  readonly volumes: readonly object[]
}

/** A Deployment and its Service, which has port 80. */
async function addPods({ mesh }: Place, { namespace, name, container, volumes }: Pods): Promise<void> {
  const labels = { app: name }
  await mesh.must('POST', `/api/v1/namespaces/${namespace}/services`, {
    metadata: { name },
    spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  })
  const whole = {
    ...{ ...container, name },
    ports: [{ containerPort: 8080 }],
    readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    securityContext: { runAsUser: 65532, runAsGroup: 65532 },
  }
  await mesh.must('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
    metadata: { name },
    spec: {
      ...{ replicas: responders, selector: { matchLabels: labels } },
      // Bare node:http does not hear SIGTERM.
      template: {
        metadata: { labels },
        spec: { containers: [whole], volumes, terminationGracePeriodSeconds: 1 },
      },
    },
  })
}
