// The stock socket of Hocuspocus, without its queue, and with what a watch over the link needs: how much was sent, a question
// that the server answers at once, and an end that does not wait for the other side.

import { HocuspocusProviderWebsocket } from '@hocuspocus/provider'

/** The one-byte Ping of the protocol; the server answers with one of its own, which is heard like any message. */
const PING = Uint8Array.of(9)
/** The close code by which the stock socket marks an end that was not the server's. */
const GIVEN_UP = 4408

export class ProjectSocket extends HocuspocusProviderWebsocket {
  /** Told of the bytes of each message that leaves. */
  onSent: (bytes: number) => void = () => undefined

  /**
   * What cannot leave now is not kept for later, as the stock socket would: at the next opening each document sends what the
   * server lacks, in one piece. Edits that came before it would build on others, from before a reload, that the server does
   * not have yet; it would have to put each of thousands aside.
   */
  override send(message: Uint8Array): void {
    if (!this.isOpen) return
    super.send(message)
    this.onSent(message.byteLength)
  }

  /** Asks the server for any word. */
  ping(): void {
    if (this.isOpen) this.webSocket?.send(PING)
  }

  /**
   * Takes the socket for closed now. Closing a WebSocket waits for the answer of the other side, ten seconds and more where
   * there is none.
   */
  giveUp(): void {
    if (this.webSocket) this.emit('close', { event: new CloseEvent('close', { code: GIVEN_UP }) })
  }

  private get isOpen(): boolean {
    return this.webSocket?.readyState === WebSocket.OPEN
  }
}
