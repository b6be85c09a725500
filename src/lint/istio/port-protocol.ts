/** What a gateway speaks to a port of a Service. Pure. As Istio tells it (pkg/config/kube/conversion.go). */
import type { MeshObjects } from '../objects.ts'

export type ServicePort = MeshObjects['services'][number]['spec']['ports'][number]

/** The field that says HTTP/2, where one does; appProtocol goes before the name, of which the part before `-` counts. */
export function http2By({ name, appProtocol }: ServicePort): 'name' | 'appProtocol' | undefined {
  if (appProtocol === '') return isHttp2(name) ? 'name' : undefined
  return appProtocol === 'kubernetes.io/h2c' || isHttp2(appProtocol) ? 'appProtocol' : undefined
}

function isHttp2(written: string): boolean {
  const text = written.toLowerCase()
  return text.startsWith('grpc-web') || ['http2', 'grpc'].includes(text.split('-')[0] ?? '')
}
