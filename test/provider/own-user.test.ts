import { expect, it } from 'vitest';
import { ownerOf } from '../../provider/own-user.ts';

// As Linux prints it; the second connection is in TIME_WAIT, the third an orphan in FIN_WAIT2: both say root.
const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:99B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1619 1 0 100 0 0 10 0
   1: 0100007F:E4BA 0100007F:99B3 01 00000000:00000000 00:00000000 00000000  1000        0 4711 3 0
   2: 0100007F:E4BB 0100007F:99B3 06 00000000:00000000 03:00001545 00000000     0        0 0 3 0
   3: 0100007F:E4BC 0100007F:99B3 05 00000000:00000000 03:00001545 00000000     0        0 0 3 0
   4: 0100007F:99B3 0100007F:E4BA 01 00000000:00000000 00:00000000 00000000     0        0 4712 3 0
`;

it('tells whose the other end of an established connection is', () => {
  expect(ownerOf(TABLE, 0xe4ba, 0x99b3)).toBe(1000);
});

it.each([0xe4bb, 0xe4bc, 0xe4bd])(
  'knows nothing of a connection that is closing or gone: port %i',
  (port) => {
    expect(ownerOf(TABLE, port, 0x99b3)).toBeUndefined();
  },
);
