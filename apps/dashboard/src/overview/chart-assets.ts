/** What the browser needs to draw: uPlot, and our script that feeds it from the tables of the page. */
export const chartAssets: Record<string, URL> = {
  'uplot.js': new URL(import.meta.resolve('uplot/dist/uPlot.iife.min.js')),
  'uplot.css': new URL(import.meta.resolve('uplot/dist/uPlot.min.css')),
  'charts.js': new URL('./charts.js', import.meta.url),
};
