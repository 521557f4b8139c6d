import type { ComponentType } from 'preact';
import { mode } from '../state/desk.js';
import type { Mode } from '../state/link.js';
import { Desk } from './Desk.js';
import { DropTarget } from './DropTarget.js';
import { Footer } from './Footer.js';
import { Header } from './Header.js';
import { Later } from './Later.js';
import { LiveRegion } from './LiveRegion.js';

/** What the other modes need is loaded once they are opened. */
const pages: Readonly<Record<Exclude<Mode, 'what'>, () => Promise<ComponentType>>> = {
  ask: () => import('../ask/Ask.js').then(({ Ask }) => Ask),
  caption: () => import('../caption/Caption.js').then(({ Caption }) => Caption),
  judge: () => import('../judge/Judge.js').then(({ Judge }) => Judge),
};

export function App() {
  const { value } = mode;
  return (
    <DropTarget>
      <Header />
      <main>{value === 'what' ? <Desk /> : <Later key={value} load={pages[value]} />}</main>
      <Footer />
      <LiveRegion />
    </DropTarget>
  );
}
