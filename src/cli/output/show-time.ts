/** A time of a record (ISO 8601, UTC) for people: to the minute, and with the zone. */
export function showTime(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** Its day, where the hour says nothing to anybody. */
export function showDay(iso: string): string {
  return iso.slice(0, 10);
}
