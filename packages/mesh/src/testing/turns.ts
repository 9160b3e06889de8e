/** Lets everything that is ready run: promises, and what the in-process transport has to deliver. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
