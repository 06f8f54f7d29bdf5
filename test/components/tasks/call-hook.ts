import { createRequire } from 'node:module';
import type { HookRequest } from '../program.ts';

// The engine's side of the callback protocol; the SDK has it and does not publish it.
const require = createRequire(createRequire(import.meta.url).resolve('@pulumi/pulumi'));
const grpc = require('@grpc/grpc-js');
const { CallbacksClient } = require('./proto/callback_grpc_pb.js');
const { CallbackInvokeRequest } = require('./proto/callback_pb.js');
const proto = require('./proto/resource_pb.js');

/** The hooks that a program registered. */
export interface Hooks {
  /** For the option `registerHook` of a run. */
  register(request: HookRequest): null;
  named(name: string): HookRequest;
}

/** Takes the registrations of hooks. */
export function registeredHooks(): Hooks {
  const requests: HookRequest[] = [];
  return {
    register(request) {
      requests.push(request);
      return null;
    },
    named(name) {
      const found = requests.find((request) => request.getName() === name);
      if (found === undefined) throw new Error(`no hook ${name} was registered`);
      return found;
    },
  };
}

/** Calls a hook as the engine does. Resolves to its error, empty when it had none. */
export async function callHook(hook: HookRequest): Promise<string> {
  const answer = await call(hook, new proto.ResourceHookRequest());
  return proto.ResourceHookResponse.deserializeBinary(answer).getError();
}

/** Calls an error hook as the engine does. Resolves to whether the operation is to be tried again, or to its error. */
export async function callErrorHook(hook: HookRequest): Promise<boolean | string> {
  const answer = proto.ErrorHookResponse.deserializeBinary(await call(hook, new proto.ErrorHookRequest()));
  return answer.getError() || answer.getRetry();
}

function call(hook: HookRequest, argument: { serializeBinary(): Uint8Array }): Promise<Uint8Array> {
  const client = new CallbacksClient(hook.getCallback().getTarget(), grpc.credentials.createInsecure());
  const request = new CallbackInvokeRequest();
  request.setToken(hook.getCallback().getToken());
  request.setRequest(argument.serializeBinary());
  return new Promise((resolve, reject) => {
    client.invoke(request, (error: Error | null, response: { getResponse_asU8(): Uint8Array }) => {
      client.close();
      if (error !== null) reject(error);
      else resolve(response.getResponse_asU8());
    });
  });
}
