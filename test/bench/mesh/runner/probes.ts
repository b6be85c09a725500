/** Startup, liveness and readiness probes of one container, by kubelet's rules. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect } from 'node:net'
import type {
  V1Container,
  V1ExecAction,
  V1HTTPGetAction,
  V1Probe,
  V1TCPSocketAction,
} from '@kubernetes/client-node'

/** What a probe or a lifecycle hook does. */
export interface Action {
  readonly exec?: V1ExecAction
  readonly httpGet?: V1HTTPGetAction
  readonly tcpSocket?: V1TCPSocketAction
}

export interface ActionTarget {
  readonly podIP: string
  readonly container: V1Container
  exec(argv: readonly string[], timeoutMs: number): Promise<{ readonly code: number }>
}

/** Whether it succeeded. Never rejects. */
export async function perform(action: Action, target: ActionTarget, timeoutMs: number): Promise<boolean> {
  const { exec, httpGet, tcpSocket } = action
  if (exec) return (await target.exec(exec.command ?? [], timeoutMs)).code === 0
  if (httpGet) return getSucceeds(httpGet, target, timeoutMs)
  if (tcpSocket) return connects(portOf(tcpSocket.port, target.container), target.podIP, timeoutMs)
  return false
}

/** A port may be named in the container's list. */
function portOf(port: number | string | object, container: V1Container): number {
  const named = container.ports?.find(({ name }) => name === port)
  return named?.containerPort ?? Number(port)
}

function getSucceeds(action: V1HTTPGetAction, target: ActionTarget, timeoutMs: number): Promise<boolean> {
  const { host, path = '/', scheme = 'HTTP', httpHeaders = [] } = action
  const send = scheme === 'HTTPS' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const request = send(
      {
        ...{ host: host ?? target.podIP, port: portOf(action.port, target.container), path },
        headers: {
          'user-agent': 'kube-probe/1.34',
          ...Object.fromEntries(httpHeaders.map(({ name, value }) => [name, value])),
        },
        ...{ agent: false, rejectUnauthorized: false, signal: AbortSignal.timeout(timeoutMs) },
      },
      (response) => {
        response.resume().on('error', () => undefined)
        const { statusCode = 0 } = response
        resolve(statusCode >= 200 && statusCode < 400)
      },
    )
    request.on('error', () => resolve(false))
    request.end()
  })
}

function connects(port: number, host: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: timeoutMs })
    const done = (succeeded: boolean) => {
      socket.destroy()
      resolve(succeeded)
    }
    socket.once('connect', () => done(true))
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
  })
}

/** Results in a row that agree; positive for successes. */
export function nextStreak(streak: number, succeeded: boolean): number {
  if (succeeded) return Math.max(0, streak) + 1
  return Math.min(0, streak) - 1
}

/** Undefined: neither threshold is reached, and what was said before stands. */
export function verdict(streak: number, probe: V1Probe): boolean | undefined {
  if (streak >= (probe.successThreshold ?? 1)) return true
  if (-streak >= (probe.failureThreshold ?? 3)) return false
  return undefined
}

export interface ProbeFollowers {
  started(): void
  readiness(ready: boolean): void
  /** The container is to be killed within so many seconds (undefined: the pod's own grace period). */
  failed(graceSeconds: number | undefined): void
}

/** From the start of the container's process until the signal. A container without probes is started and ready at once. */
export function runProbes(target: ActionTarget, followers: ProbeFollowers, signal: AbortSignal): void {
  const { startupProbe, livenessProbe, readinessProbe } = target.container
  const begin = () => {
    followers.started()
    if (livenessProbe)
      repeat(livenessProbe, target, signal, (fine) => {
        if (!fine) followers.failed(livenessProbe.terminationGracePeriodSeconds)
        return fine
      })
    if (!readinessProbe) followers.readiness(true)
    else
      repeat(readinessProbe, target, signal, (fine) => {
        followers.readiness(fine)
        return true
      })
  }
  if (!startupProbe) return begin()
  repeat(startupProbe, target, signal, (fine) => {
    if (fine) begin()
    else followers.failed(startupProbe.terminationGracePeriodSeconds)
    return false
  })
}

/** Probes once a period, until the signal or until `judged` answers false. */
function repeat(
  probe: V1Probe,
  target: ActionTarget,
  signal: AbortSignal,
  judged: (fine: boolean) => boolean,
): void {
  let streak = 0
  const periodMs = (probe.periodSeconds ?? 10) * 1000
  const round = async () => {
    const began = performance.now()
    const succeeded = await perform(probe, target, (probe.timeoutSeconds ?? 1) * 1000)
    if (signal.aborted) return
    streak = nextStreak(streak, succeeded)
    const fine = verdict(streak, probe)
    if (fine !== undefined && !judged(fine)) return
    after(Math.max(0, periodMs - (performance.now() - began)))
  }
  const after = (ms: number) => {
    const timer = setTimeout(() => void round(), ms)
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  }
  after((probe.initialDelaySeconds ?? 0) * 1000)
}
