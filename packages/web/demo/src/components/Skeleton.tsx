/** Where bars will be. */
export function Skeleton({ count = 5 }: { readonly count?: number }) {
  return (
    <ul class="bars bars-skeleton" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <li key={i} />
      ))}
    </ul>
  );
}
