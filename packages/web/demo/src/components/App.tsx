import { Answers } from './Answers.js';
import { Comparing } from './Comparing.js';
import { DropTarget } from './DropTarget.js';
import { Filmstrip } from './Filmstrip.js';
import { Footer } from './Footer.js';
import { Header } from './Header.js';
import { Headline } from './Headline.js';
import { Layers } from './Layers.js';
import { LiveRegion } from './LiveRegion.js';
import { MethodGrid } from './MethodGrid.js';
import { MethodPicker } from './MethodPicker.js';
import { ModelDetails } from './ModelDetails.js';
import { Save } from './Save.js';
import { Timings } from './Timings.js';
import { Toolbar } from './Toolbar.js';
import { Trust } from './Trust.js';
import { Viewer } from './Viewer.js';

export function App() {
  return (
    <DropTarget>
      <Header />
      <main>
        <Headline />
        <div class="desk">
          <Filmstrip />
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
              <Save />
            </div>
          </section>
        </div>
        <MethodGrid />
        <ModelDetails />
      </main>
      <Footer />
      <LiveRegion />
    </DropTarget>
  );
}
