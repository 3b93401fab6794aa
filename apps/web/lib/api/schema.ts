// What this app needs of a zod schema: the check. The schemas themselves live in packages/protocol.

/** Checks a value that came over the wire. */
export type Schema<Value> = {
  safeParse(value: unknown): { success: true; data: Value } | { success: false }
}
