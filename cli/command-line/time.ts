/** A time (ISO 8601) to the minute, in UTC: `2026-11-21 09:41Z`. */
export function shortTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? '-' : `${time.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}
