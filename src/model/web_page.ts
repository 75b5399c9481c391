/** Whether what begins so, as Latin-1, is a web page: what a server sends in place of a file that it does not have, or keeps for guests. */
export function isWebPage(start: string): boolean {
  return /^(\xef\xbb\xbf)?\s*</.test(start);
}
