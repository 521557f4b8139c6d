import { useEffect, useRef } from 'preact/hooks';
import { allowedMethods } from '../state/desk.js';
import { isGalleryShown } from '../state/gallery.js';
import { families, familyOf, recordOf } from '../state/methods.js';
import { MethodCard } from './MethodCard.js';

const hints: Readonly<Record<string, string>> = {
  layer: 'One value for each cell of the layer.',
  pixels: 'One value for each pixel that the model saw.',
  runs: 'No gradients: the model is run on changed pictures.',
};

/** Every method that the model allows, on the same question. Drawn when it is seen, dear ones when asked for. */
export function MethodGrid() {
  const section = useRef<HTMLElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      isGalleryShown.value = entry?.isIntersecting ?? false;
    });
    observer.observe(section.current!);
    return () => {
      observer.disconnect();
      isGalleryShown.value = false;
    };
  }, []);
  return (
    <section class="methods" ref={section} aria-labelledby="methods">
      <h2 id="methods" tabIndex={-1}>
        Every method, one question
      </h2>
      <p class="lead">Methods that agree are worth more than one that convinces. Click one to look at it closely.</p>
      {families.map(({ name, title }) => {
        const within = allowedMethods.value.map(recordOf).filter((record) => familyOf(record) === name);
        return within.length === 0 ? null : (
          <section key={name} aria-labelledby={`family-${name}`}>
            <h3 id={`family-${name}`}>
              {title} <span class="quiet">{hints[name]}</span>
            </h3>
            <ul class="method-grid">
              {within.map((record) => (
                <li key={record.name}>
                  <MethodCard record={record} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </section>
  );
}
