/** Whether this process runs in a pod: kubelet tells every container where the API server is. Pure. */
export function isInPod(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment['KUBERNETES_SERVICE_HOST'] ?? '') !== ''
}
