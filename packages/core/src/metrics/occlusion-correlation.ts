import type { Metric } from './metric.js';
import { rankCorrelation } from './rank-correlation.js';

export const occlusionCorrelation: Metric = {
  name: 'occlusion-correlation',
  title: 'Rank correlation with occlusion',
  what: "Spearman's rank correlation of the map with how much the score drops where a square of an eighth of the picture's side becomes 0, moved by half its side; pixel by pixel, drops with their sign.",
  paper: {
    title: 'Selvaraju et al., Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization, 2017',
    url: 'https://arxiv.org/abs/1610.02391',
  },
  needs: ['occlusion'],
  better: 'higher',
  summary: 'mean',
  async measure({ signed, occlusion }) {
    const drops = await occlusion();
    // A constant map has no ranks, and says nothing.
    return { value: rankCorrelation(signed.data, drops.data) || 0 };
  },
};
