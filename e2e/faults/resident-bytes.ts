import type { Product } from '../world/product.ts'

/** Resident bytes of the server's process, by its own count. */
export async function residentBytes({ url }: Product): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^(?:skein_)?process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1])
}
