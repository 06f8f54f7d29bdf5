import type {
  CheckResult,
  CreateResult,
  DiffResult,
  InvokeResult,
  Provider,
  ReadResult,
  UpdateResult,
} from '@pulumi/pulumi/provider/index.js';
import { partsOfUrn } from '../transaction/record/urn.ts';
import { candidates } from './candidates/candidates.ts';
import { EngineGone } from './engine-watch.ts';
import { hardening, readAhead } from './hardening/hardening.ts';
import { labVps } from './lab-vps/lab-vps.ts';
import { connectLog, progressOf } from './progress.ts';
import type { Handler, Operation } from './resource/handler.ts';
import { lazy } from './resource/lazy.ts';
import type { PropertyMap } from './resource/values.ts';
import { secondFactor } from './second-factor/second-factor.ts';
import { sequence } from './sequence/sequence.ts';

const HANDLERS: Readonly<Record<string, Handler>> = {
  'postern:index:Candidates': candidates,
  'postern:index:FirstBoot': lazy(async () => (await import('./first-boot/first-boot.ts')).firstBoot),
  'postern:index:Hardening': hardening,
  'postern:index:HostKeys': lazy(async () => (await import('./host-keys/host-keys.ts')).hostKeys),
  'postern:index:LabVps': labVps,
  'postern:index:SecondFactor': secondFactor,
  'postern:index:Sequence': sequence,
};

/** The plugin: hands each call to the handler of its resource type, and cancels what is under way on Ctrl-C. */
export class PosternProvider implements Provider {
  readonly version = '0.1.0';
  readonly #running = new Map<Promise<unknown>, AbortController>();

  /** @param args the plugin's command line, the engine's address last. */
  constructor(args: readonly string[]) {
    connectLog(args);
  }

  check(urn: string, olds: PropertyMap | undefined, news: PropertyMap): Promise<CheckResult> {
    return this.#run(urn, async (handler, operation) =>
      pathsInReasons(await handler.check(olds ?? {}, news, operation)),
    );
  }

  diff(_id: string, urn: string, olds: PropertyMap, news: PropertyMap): Promise<DiffResult> {
    return this.#run(urn, (handler, operation) => handler.diff(olds, news, operation));
  }

  create(urn: string, inputs: PropertyMap): Promise<CreateResult> {
    // Something new, such as a sequence, is most often for a host that is hardened next.
    readAhead();
    return this.#run(urn, (handler, operation) => handler.create(inputs, operation));
  }

  read(id: string, urn: string, state?: PropertyMap): Promise<ReadResult> {
    return this.#run(urn, (handler, operation) => handler.read(id, state ?? {}, operation));
  }

  update(_id: string, urn: string, olds: PropertyMap, news: PropertyMap): Promise<UpdateResult> {
    return this.#run(urn, (handler, operation) => handler.update(olds, news, operation));
  }

  delete(_id: string, urn: string, state: PropertyMap): Promise<void> {
    return this.#run(urn, (handler, operation) => handler.delete(state, operation));
  }

  /** `postern:index:ready`, which the program calls for the sake of an early start, see components/early-start.ts. */
  async invoke(token: string): Promise<InvokeResult> {
    if (token !== 'postern:index:ready')
      throw plainly(new Error(`the plugin postern has no function ${token}; it has postern:index:ready`));
    return { outputs: {} };
  }

  /** Ctrl-C: every change under way is taken back before the plugin goes. */
  cancel(): Promise<void> {
    return this.#abort(undefined);
  }

  /** The engine was killed: the same, and nobody is told, so what was under way stays marked as interrupted. */
  engineGone(): Promise<void> {
    return this.#abort(new EngineGone());
  }

  async #abort(reason: EngineGone | undefined): Promise<void> {
    for (const controller of this.#running.values()) controller.abort(reason);
    await Promise.allSettled(this.#running.keys());
  }

  async #run<T>(urn: string, call: (handler: Handler, operation: Operation) => Promise<T>): Promise<T> {
    const { type } = partsOfUrn(urn);
    const handler = HANDLERS[type];
    if (handler === undefined)
      throw plainly(
        new Error(
          `the plugin postern has no resource type ${type}; it has ${Object.keys(HANDLERS).join(', ')}`,
        ),
      );
    const controller = new AbortController();
    const running = call(handler, { ...progressOf(urn), signal: controller.signal, urn });
    this.#running.set(running, controller);
    try {
      return await running;
    } catch (error) {
      throw plainly(error);
    } finally {
      this.#running.delete(running);
    }
  }
}

/**
 * The engine prints what it finds at a failure's property in the words of Go, which is `{<nil>}` for any path; so the path
 * goes before the reason, as the configuration spells it: a posture is the configuration of its host.
 */
function pathsInReasons({ failures, ...result }: CheckResult): CheckResult {
  if (failures === undefined) return result;
  const told = failures.map(({ property, reason }) => ({
    property: '',
    reason: `${property.replace(/^posture\./, '')}: ${reason}`,
  }));
  return { ...result, failures: told };
}

/** The SDK prints the stack of what a plugin throws; the operator needs the message. */
function plainly(error: unknown): unknown {
  if (error instanceof Error) error.stack = error.message;
  return error;
}
