import * as pulumi from '@pulumi/pulumi';
import { readStack } from '../../posture/read-stack.ts';
import type { ResolvedHost } from '../../posture/resolve.ts';

/** A public key that may log in, as an operator would configure it. */
export const OPERATOR_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJEOGJ9WWcVB9gZSeSDpPRmR6VPBCdb8yCJOJ2oDAvJP ops@desk';

/** The host key that the sealed host of these tests shows. */
export const SEALED_HOST_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVnT0pWl0gCUfqnzIJuoXPa7Xv1EmAe1u8T1FNTmZ7S';

/** Sequences with ports that occur in nothing else. */
export const SEQUENCES = {
  open: [
    { port: 23_511, protocol: 'udp' as const },
    { port: 8713, protocol: 'tcp' as const },
    { port: 17_389, protocol: 'udp' as const },
    { port: 29_327, protocol: 'tcp' as const },
  ],
  close: [
    { port: 11_719, protocol: 'tcp' as const },
    { port: 30_211, protocol: 'udp' as const },
    { port: 9941, protocol: 'tcp' as const },
    { port: 14_657, protocol: 'udp' as const },
  ],
};

/** A resource as the engine is asked to have it. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  /** Inputs without the marks of secrets. */
  readonly inputs: Record<string, unknown>;
  /** Which of the inputs are secret as a whole. */
  readonly secrets: readonly string[];
  /** Names of the resources it waits for. */
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly protect: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly additionalSecretOutputs: readonly string[];
  readonly deletedWith: string | undefined;
  /** Names of bound hooks by moment. */
  readonly hooks: Readonly<Record<string, readonly string[]>>;
}

/** What a program did when it ran against Pulumi's mocks. */
export interface Run {
  readonly resources: readonly Registered[];
  /** The one resource of that type, and of that name where one is given. */
  one(type: string, name?: string): Registered;
}

/** Outputs that a mocked resource has beside its inputs. */
export type Outputs = (resource: {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}) => Record<string, unknown>;

/** What the plugin and DigitalOcean would answer. */
export const outputs: Outputs = ({ type, inputs }) => {
  switch (type) {
    case 'postern:index:HostKeys':
      return {
        publicKeys: ['ssh-ed25519 AAAAhost', 'ssh-rsa AAAAhost'],
        ed25519: pulumi.secret('private ed25519\n'),
        rsa: pulumi.secret('private rsa\n'),
        unheldKey: 'ssh-ed25519 AAAAunheld',
      };
    case 'postern:index:Sequence':
      return { open: pulumi.secret(SEQUENCES.open), close: pulumi.secret(SEQUENCES.close) };
    case 'postern:index:SecondFactor':
      return { secret: pulumi.secret('A'.repeat(32)) };
    case 'postern:index:Candidates':
      return {
        known: pulumi.secret(JSON.stringify([{ id: 'a1', ...JSON.parse(String(inputs['wanted'])) }])),
      };
    case 'postern:index:LabVps':
      return { address: '127.0.0.1', addressV6: '::1', port: 22, user: 'root', hostKeys: [SEALED_HOST_KEY] };
    case 'postern:index:Hardening':
      return {
        posture: inputs['posture'],
        sequences: pulumi.secret(inputs['sequences']),
        sealed: { sealedAt: 'now', hostKeys: [SEALED_HOST_KEY], verifiedV6: true, evidence: [] },
        drift: [],
      };
    case 'digitalocean:index/droplet:Droplet':
      return { ipv4Address: '203.0.113.7', ipv6Address: '2001:db8::7' };
    default:
      return {};
  }
};

/** Options of {@link runProgram}. */
export interface RunOptions {
  readonly preview?: boolean;
  readonly outputs?: Outputs;
  /** How the engine answers the registration of a hook; by default it takes it. */
  readonly registerHook?: TakeHook;
  readonly registerErrorHook?: TakeHook;
  /** What happens while the program still serves its hooks. */
  readonly whileServing?: () => Promise<void>;
}

/** An engine's answer to the registration of a hook. */
export type TakeHook = (request: HookRequest) => Error | null;

/** The registration of a hook. */
export interface HookRequest {
  getName(): string;
  getIgnoreErrors?(): boolean;
  getCallback(): { getToken(): string; getTarget(): string };
}

/** Runs a program against Pulumi's mocks, to its end. */
export async function runProgram(program: () => unknown, options: RunOptions = {}): Promise<Run> {
  const resources: Registered[] = [];
  const answer = options.outputs ?? outputs;
  const mocks: pulumi.runtime.Mocks = {
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      const plain = unsecret(inputs) as Record<string, unknown>;
      const id = type === 'digitalocean:index/droplet:Droplet' ? '4211' : `${name}-id`;
      return { id, state: { ...inputs, ...answer({ type, name, inputs: plain }) } };
    },
  };
  await pulumi.runtime.setMocks(mocks, 'postern', 'devnet', options.preview ?? false);
  const { registerHook = () => null, registerErrorHook = () => null } = options;
  record(resources, registerHook, registerErrorHook);
  await program();
  await options.whileServing?.();
  await pulumi.runtime.disconnect();
  return {
    resources,
    one(type, name) {
      const found = resources.filter(
        (each) => each.type === type && (name === undefined || each.name === name),
      );
      const [first] = found;
      if (first === undefined || found.length > 1)
        throw new Error(`${found.length} resources of type ${type}, not one`);
      return first;
    },
  };
}

interface Request {
  getType(): string;
  getName(): string;
  getObject(): Parameters<typeof pulumi.runtime.deserializeProperties>[0];
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getProtect(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
  getDeletedwith(): string;
  getHooks(): { toObject(): Record<string, string[]> } | undefined;
}

type RegisterHook = (request: HookRequest, callback: (error: Error | null, response: object) => void) => void;

interface Monitor {
  registerResource(request: Request, callback: unknown): unknown;
  registerResourceHook: RegisterHook;
  registerErrorHook: RegisterHook;
}

/** Options of a resource do not reach Pulumi's mocks, and hooks they do not know: both are taken from the requests. */
function record(resources: Registered[], registerHook: TakeHook, registerErrorHook: TakeHook): void {
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const { registerResource } = monitor;
  monitor.registerResource = (request, callback) => {
    resources.push(registered(request));
    return registerResource.call(monitor, request, callback);
  };
  monitor.registerResourceHook = (request, callback) => callback(registerHook(request), {});
  monitor.registerErrorHook = (request, callback) => callback(registerErrorHook(request), {});
}

function registered(request: Request): Registered {
  const inputs = pulumi.runtime.deserializeProperties(request.getObject()) as Record<string, unknown>;
  const hooks = Object.entries(request.getHooks()?.toObject() ?? {})
    .filter(([, names]) => Array.isArray(names) && names.length > 0)
    .map(([moment, names]): [string, string[]] => [moment.replace(/List$/, ''), names]);
  const deletedWith = request.getDeletedwith();
  return {
    type: request.getType(),
    name: request.getName(),
    inputs: unsecret(inputs) as Record<string, unknown>,
    secrets: Object.keys(inputs).filter((key) => pulumi.runtime.isRpcSecret(inputs[key])),
    dependsOn: request.getDependenciesList().map(nameOf),
    ignoreChanges: request.getIgnorechangesList(),
    protect: request.getProtect(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    deletedWith: deletedWith === '' ? undefined : nameOf(deletedWith),
    hooks: Object.fromEntries(hooks),
  };
}

function nameOf(urn: string): string {
  const [, , type = '', name = ''] = urn.split('::');
  return `${type.split('$').at(-1)} ${name}`;
}

function unsecret(value: unknown): unknown {
  if (pulumi.runtime.isRpcSecret(value)) return unsecret(pulumi.runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(unsecret);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unsecret(member)]));
}

/** One host as the configuration describes it, with defaults filled in. */
export function resolved(host: object, stack: object = {}): ResolvedHost {
  const raw = { network: 'devnet', admin: { authorizedKeys: [OPERATOR_KEY] }, ...stack, hosts: [host] };
  const [only] = readStack(raw, 'The test', () => OPERATOR_KEY).hosts;
  if (only === undefined) throw new Error('no host');
  return only;
}
