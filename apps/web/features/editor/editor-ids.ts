// Ids of elements that refer to each other across components.

/** The region that shows the current file. */
export const sheetId = 'sheet'
/** The part of it below the tabs. */
export const sheetBodyId = 'sheet-body'
/** What tells people who cannot see it how Tab leaves the editor. */
export const editorHelpId = 'editor-help'
export const fileTabId = (fileId: string): string => `tab-${fileId}`
