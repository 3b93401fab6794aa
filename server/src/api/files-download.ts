/**
 * Headers under which the bytes of somebody's file leave: they come from the same host as the application, so nothing
 * in them may run as part of it. Always an attachment, never sniffed, sandboxed should a browser show it all the
 * same. Pictures keep their type, for `<img>`.
 */
import path from 'node:path'

const typeByExtension: Readonly<Record<string, string>> = {
  '.avif': 'image/avif',
  '.bmp': 'image/bmp',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
}

/** Headers of a download, by the path of the file. */
export const downloadHeaders = (filePath: string): Record<string, string> => ({
  'Content-Type': typeByExtension[path.posix.extname(filePath).toLowerCase()] ?? 'application/octet-stream',
  'Content-Disposition': contentDisposition(path.posix.basename(filePath)),
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'private, no-cache',
})

/** `attachment` with the name twice: in ASCII for old readers, and in UTF-8 (RFC 6266, RFC 8187). */
function contentDisposition(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
