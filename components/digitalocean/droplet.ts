import type * as pulumi from '@pulumi/pulumi';
import type { Posture } from '../../posture/schema/posture.ts';
import type { Target } from '../../posture/schema/target.ts';
import type { Source } from '../source.ts';

/** (stub made so that others can import; the droplet's author overwrites this file) */
export function digitalOceanVps(name: string, _target: Target, _posture: Posture, _options: pulumi.CustomResourceOptions): Source {
  throw new Error(name);
}
