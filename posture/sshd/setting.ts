/** One directive of sshd_config(5) and its value. */
export type Setting = readonly [directive: string, value: string];
