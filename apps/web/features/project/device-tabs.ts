// What the tabs of one person tell each other: that the store has new edits of a document. What they are each tab reads there,
// so that nothing is shown in one that is not kept, and no edit is written twice.

export class DeviceTabs {
  private readonly channel: BroadcastChannel | null

  /** `onNewRows` is told of documents in which another tab has stored edits. */
  constructor(userId: string, onNewRows: (documentId: string) => void) {
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(`skein:${userId}`)
    if (this.channel) this.channel.onmessage = ({ data }) => typeof data === 'string' && onNewRows(data)
  }

  /** This tab has stored edits of a document. */
  tell(documentId: string): void {
    this.channel?.postMessage(documentId)
  }

  close(): void {
    this.channel?.close()
  }
}
