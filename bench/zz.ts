import { createExplainer, loadPicture } from '@saywhy/node';
const e = await createExplainer(process.argv[2] ?? 'scenes-caption',{device:'cpu'});
const pic = await loadPicture('samples/scenes/star-and-circle.png');
for (let i=0;i<4;i++){ const t=performance.now(); const c=await e.caption({[e.model.picture]: {...pic, data: pic.data.map(v=>(v+i)&255)}},{beam:Number(process.argv[3]??1)}); console.log(c.text.slice(0,60),c.words.length,(performance.now()-t).toFixed(1)); }
await e.dispose();
