import { transportBy } from '../../cli/host/transport.ts';
import type { FleetHost } from '../../cli/stack/outputs.ts';
import { measure, type Reading } from '../../cli/status/measure.ts';
import type { KnockOutput } from '../../components/outputs.ts';
import type { LabVps } from '../../lab/vps.ts';
import type { Posture } from '../../posture/schema/posture.ts';

/** What `postern status` measures of a host over IPv4. */
export async function measured(vps: LabVps, posture: Posture, knock: KnockOutput): Promise<Reading> {
  const host: FleetHost = {
    name: vps.name,
    target: 'lab',
    network: posture.network,
    address: vps.address,
    addressV6: null,
    user: posture.admin.user,
    sshPort: posture.ssh.port,
    backupPort: posture.backup.port,
    firewall: posture.firewall.backend,
    knockEngine: posture.knock.engine,
    hostKeys: vps.hostKeys,
    sealedAt: '',
    exposure: [],
    evidence: [],
    unverified: [],
    jump: null,
    interrupted: null,
    firstPort: null,
  };
  const passage = await transportBy(undefined);
  const source = await passage.vantage.localAddressFor(vps.address);
  return measure(host, { family: 4, address: vps.address, source }, knock, passage);
}
