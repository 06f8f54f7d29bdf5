import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PropertyMap } from '../../provider/resource/values.ts';

/** A google.protobuf.Struct, or an answer that holds some. */
interface Message {
  toJavaScript(): PropertyMap;
}

/** What the plugin says to a check. */
interface CheckReply {
  getInputs(): Message | undefined;
  getFailuresList(): { getProperty(): string; getReason(): string }[];
}

/** What the plugin says to a diff: 1 is none, 2 is some. */
interface DiffReply {
  getChanges(): number;
  getReplacesList(): string[];
}

type Call<Reply> = (request: object, done: (error: Error | null, reply?: Reply) => void) => void;

/** The plugin as the engine has it: a process that prints its port and is spoken to over gRPC. */
export interface Plugin {
  check(urn: string, news: PropertyMap): Promise<CheckReply>;
  diff(urn: string, olds: PropertyMap, news: PropertyMap): Promise<DiffReply>;
  /** Calls a function without arguments; resolves to its failures. */
  invoke(token: string): Promise<string[]>;
  /** Where it listens on loopback. */
  readonly port: number;
  /** Ends the process. */
  stop(): Promise<void>;
}

interface Client {
  check: Call<CheckReply>;
  diff: Call<DiffReply>;
  invoke: Call<CheckReply>;
  close(): void;
}

/** The packages that the SDK itself speaks gRPC with. */
const sdk = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi'));
const { ResourceProviderClient } = sdk('./proto/provider_grpc_pb.js') as {
  ResourceProviderClient: new (address: string, credentials: unknown) => Client;
};
const messages = sdk('./proto/provider_pb.js') as Record<string, new () => Setters>;
const { Struct } = sdk('google-protobuf/google/protobuf/struct_pb.js') as {
  Struct: { fromJavaScript(value: PropertyMap): Message };
};
const { credentials } = sdk('@grpc/grpc-js') as { credentials: { createInsecure(): unknown } };

interface Setters {
  setUrn(urn: string): void;
  setOlds(olds: Message): void;
  setNews(news: Message): void;
  setTok(token: string): void;
  setArgs(args: Message): void;
}

function blank(type: 'CheckRequest' | 'DiffRequest' | 'InvokeRequest'): Setters {
  const Type = messages[type];
  if (Type === undefined) throw new Error(`the SDK has no message ${type}`);
  return new Type();
}

function request(
  type: 'CheckRequest' | 'DiffRequest',
  urn: string,
  olds: PropertyMap,
  news: PropertyMap,
): Setters {
  const message = blank(type);
  message.setUrn(urn);
  message.setOlds(Struct.fromJavaScript(olds));
  message.setNews(Struct.fromJavaScript(news));
  return message;
}

function send<Reply>(client: Client, method: Call<Reply>, message: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    method.call(client, message, (error, reply) =>
      reply === undefined ? reject(error ?? new Error('no reply')) : resolve(reply),
    );
  });
}

async function invoke(client: Client, token: string): Promise<string[]> {
  const message = blank('InvokeRequest');
  message.setTok(token);
  message.setArgs(Struct.fromJavaScript({}));
  const reply = await send(client, client.invoke, message);
  return reply.getFailuresList().map((one) => one.getReason());
}

/** Calls a function of a plugin that somebody else started. */
export async function callPlugin(port: number, token: string): Promise<void> {
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    await invoke(client, token);
  } finally {
    client.close();
  }
}

/** Starts provider/pulumi-resource-postern, as the engine does; stop it afterwards. */
export async function startPlugin(): Promise<Plugin> {
  const program = join(import.meta.dirname, '../../provider/pulumi-resource-postern');
  // Where the engine would be: nobody listens, and nothing of what is called here reports.
  const child = spawn(program, ['127.0.0.1:1'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = <Reply>(method: Call<Reply>, message: object) => send(client, method, message);
  return {
    port: Number(port),
    check: (urn, news) => call(client.check, request('CheckRequest', urn, {}, news)),
    diff: (urn, olds, news) => call(client.diff, request('DiffRequest', urn, olds, news)),
    invoke: (token) => invoke(client, token),
    async stop() {
      client.close();
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
