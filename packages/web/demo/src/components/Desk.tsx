import { choosePicture } from '../state/actions.js';
import { main } from '../state/desk.js';
import { model } from '../state/models.js';
import { picture, pictures } from '../state/pictures.js';
import { savedOnDesk } from '../state/shown.js';
import { Answers } from './Answers.js';
import { Comparing } from './Comparing.js';
import { Filmstrip } from './Filmstrip.js';
import { Headline } from './Headline.js';
import { Layers } from './Layers.js';
import { MethodGrid } from './MethodGrid.js';
import { MethodPicker } from './MethodPicker.js';
import { ModelDetails } from './ModelDetails.js';
import { Save } from './Save.js';
import { Timings } from './Timings.js';
import { Toolbar } from './Toolbar.js';
import { Trust } from './Trust.js';
import { Viewer } from './Viewer.js';

/** What is it, and why: a classifier's answers, and the map of the one that is asked about. */
export function Desk() {
  return (
    <>
      <Headline />
      <div class="desk">
        <Filmstrip pictures={pictures.value} chosen={picture.value} onChoose={choosePicture} />
        <section class="viewer" aria-label="The picture and its map">
          <Viewer />
        </section>
        <div class="panel">
          <Answers />
          <Layers />
          <MethodPicker />
          <Trust />
          <Timings />
        </div>
        <section class="tools" aria-label="How the map is shown">
          <Toolbar />
          <div class="toolbar-row">
            <Comparing />
            <SaveMap />
          </div>
        </section>
      </div>
      <MethodGrid />
      <Details />
    </>
  );
}

// Apart, since each answer draws them anew.
const SaveMap = () => <Save what={savedOnDesk.value} />;
const Details = () => <ModelDetails entry={model.value} explanation={main.answer.value?.explanation} />;
