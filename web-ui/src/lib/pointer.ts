/** Whether the main way to point is a mouse or the like: where focusing a field brings up no keyboard over the page. */
export function hasFinePointer(): boolean {
  return matchMedia('(pointer: fine)').matches;
}
