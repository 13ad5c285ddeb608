/** A process that was started with a channel to its parent, as `node --trainer` does, ends when the parent closes it or is gone. */
export function followParent(): { readonly gone: AbortSignal; release(): void } {
  const controller = new AbortController();
  const onGone = (): void => controller.abort();
  if (process.send !== undefined) {
    process.once("disconnect", onGone);
    // It may have gone while this program was being loaded.
    if (!process.connected) onGone();
  }
  return { gone: controller.signal, release: () => void process.off("disconnect", onGone) };
}
