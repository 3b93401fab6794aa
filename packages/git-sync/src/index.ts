/** Two-way sync with a remote, without I/O: what becomes of each path, what to do next, and what people read. */
export {}
