/**
 * The sample applications of the walk-through: helloworld and bookinfo's page as the Istio module holds them, and httpbin,
 * each under the image name that Istio's own manifests give it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { installed } from '../peers/install.ts'

export interface SampleProgram {
  readonly entrypoint: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingDir: string
  /** Folders outside of the system's that it reads. */
  readonly folders: readonly string[]
  /** Where it listens, on every address. */
  readonly port: number
}

/** By image name as the manifests have it, without tag. */
export async function samplePrograms(): Promise<Readonly<Record<string, SampleProgram>>> {
  const programs = await programsByShortName()
  const texts = Object.values(await sampleManifests()).map((file) => readFileSync(file, 'utf8'))
  const images = texts.flatMap((text) => [...text.matchAll(/image: (\S+):/g)].map(([, image = '']) => image))
  const found = images.flatMap((image) => {
    const program = programs[image.replace(/.*\//, '')]
    return program ? [[image, program] as const] : []
  })
  return Object.fromEntries(found)
}

/** By the last part of the image name. */
async function programsByShortName(): Promise<Readonly<Record<string, SampleProgram>>> {
  const { path: istio } = await installed('istio-module')
  const { path: libraries } = await installed('istio-samples')
  const { path: httpbin } = await installed('httpbin')
  const gunicorn = ['python3', '-m', 'gunicorn', '--worker-class', 'gevent', '--bind']
  const helloworld = (version: string): SampleProgram => ({
    entrypoint: [...gunicorn, '[::]:5000', 'app:app'],
    ...{ env: { ...python(libraries), SERVICE_VERSION: version }, port: 5000 },
    ...inFolder(join(istio, 'samples/helloworld/src'), libraries),
  })
  return {
    'examples-helloworld-v1': helloworld('v1'),
    'examples-helloworld-v2': helloworld('v2'),
    'examples-bookinfo-productpage-v1': {
      entrypoint: [...gunicorn, '[::]:9080', 'productpage:app'],
      ...{ env: python(libraries), port: 9080 },
      ...inFolder(join(istio, 'samples/bookinfo/src/productpage'), libraries),
    },
    // The manifest's is a port of httpbin to another language, with the same paths on the same port.
    'go-httpbin': {
      entrypoint: ['python3', '-m', 'httpbin.core', '--host', '0.0.0.0', '--port', '8080'],
      ...{ env: python(httpbin), port: 8080 },
      ...inFolder(httpbin),
    },
  }
}

/** Istio's own manifests; of bookinfo's only what is labelled `app=productpage` (and its account) has a program here. */
export async function sampleManifests(): Promise<Record<'helloworld' | 'httpbin' | 'bookinfo', string>> {
  const samples = join((await installed('istio-module')).path, 'samples')
  return {
    helloworld: join(samples, 'helloworld/helloworld.yaml'),
    httpbin: join(samples, 'httpbin/httpbin.yaml'),
    bookinfo: join(samples, 'bookinfo/platform/kube/bookinfo.yaml'),
  }
}

function python(packages: string): Record<string, string> {
  // The module's folder is not written to, and nothing waits for a buffer to fill.
  return { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' }
}

function inFolder(workingDir: string, ...libraries: string[]) {
  return { workingDir, folders: [workingDir, ...libraries] }
}
