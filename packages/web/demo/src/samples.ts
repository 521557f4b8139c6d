// The pictures that come with the page: public domain, or CC0; samples/ATTRIBUTION.md says whose.
const files = import.meta.glob<string>('../../../../samples/*.{jpg,png}', {
  query: '?url',
  import: 'default',
  eager: true,
});

export interface Sample {
  readonly name: string;
  readonly title: string;
  readonly url: string;
}

/** In the order in which they are offered: the first one opens with the page. */
const titles: Readonly<Record<string, string>> = {
  'cat-and-dog.png': 'A German shepherd above, a cat’s face below',
  'hens.jpg': 'Hens on a lawn',
  'macaw.jpg': 'A scarlet macaw',
  'panda.jpg': 'A giant panda eating bamboo',
  'koala.jpg': 'A koala in a tree',
  'jaguars.jpg': 'Two jaguars',
  'dog.jpg': 'A German shepherd in a meadow',
  'cat.jpg': 'A kitten at play',
  'espresso.jpg': 'A cup of espresso',
  'hedgehog.jpg': 'A hedgehog',
  'kangaroo.jpg': 'A kangaroo with a joey',
  'bison.jpg': 'A bison',
  'polar-bear.jpg': 'A polar bear',
};

export const samples: readonly Sample[] = Object.entries(titles).flatMap(([name, title]) => {
  const url = files[`../../../../samples/${name}`];
  return url === undefined ? [] : [{ name, title, url }];
});
