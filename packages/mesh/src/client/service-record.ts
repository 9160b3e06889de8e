/** What one replica said of itself. Anybody may answer, so nothing is certain about its fields. */
export type ServiceRecord = Readonly<Record<string, unknown>>;

export function recordIn(value: unknown): ServiceRecord {
  return typeof value === "object" && value !== null ? (value as ServiceRecord) : {};
}

/** Empty when the field is not a string. */
export function textIn(record: ServiceRecord, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value : "";
}

/** 0 when the field is not a number, nor the text of one. */
export function numberIn(record: ServiceRecord, key: string): number {
  return Number(record[key]) || 0;
}

export function recordsIn(record: ServiceRecord, key: string): ServiceRecord[] {
  const value = record[key];
  return Array.isArray(value) ? value.map(recordIn) : [];
}

/** What is not a JSON object is an empty record. */
export function parseRecord(json: string): ServiceRecord {
  try {
    return recordIn(JSON.parse(json));
  } catch {
    return {};
  }
}
