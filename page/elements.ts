/** The element of an id. @throws when the page has none of that type: page and code disagree. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} with the id '${id}'.`);
  return element;
}
