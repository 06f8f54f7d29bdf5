/** Whether every case of the long lab tests is run, as `npm run test:long` does; `npm test` has a part of each kind. */
export const LONG = process.env['POSTERN_LONG'] !== undefined;
