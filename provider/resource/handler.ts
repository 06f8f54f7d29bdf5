import type {
  CheckResult,
  CreateResult,
  DiffResult,
  ReadResult,
  UpdateResult,
} from '@pulumi/pulumi/provider/index.js';
import type { Report } from '../../transaction/job.ts';
import type { PropertyMap } from './values.ts';

/** What an operation on a resource may use. */
export interface Operation {
  /** Shows beside the resource while the operation runs. */
  readonly report: Report;
  /** Stays under Diagnostics. */
  readonly warn: Report;
  /** Fires when the user cancels (Ctrl-C). */
  readonly signal: AbortSignal;
  readonly urn: string;
}

/** The life of one type of resource. Values arrive as the engine sent them, secrets wrapped. */
export interface Handler {
  check(olds: PropertyMap, news: PropertyMap, operation: Operation): Promise<CheckResult>;
  diff(olds: PropertyMap, news: PropertyMap, operation?: Operation): Promise<DiffResult>;
  create(inputs: PropertyMap, operation: Operation): Promise<CreateResult>;
  read(id: string, state: PropertyMap, operation: Operation): Promise<ReadResult>;
  update(olds: PropertyMap, news: PropertyMap, operation: Operation): Promise<UpdateResult>;
  delete(state: PropertyMap, operation: Operation): Promise<void>;
}
