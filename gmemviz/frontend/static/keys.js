// Nothing to see: what ipywidgets shows in this explorer is made ours. It follows shared.js.

export default {
  render({ el }) {
    const sized = new ResizeObserver(() => claim(el));
    sized.observe(el);
    return () => sized.disconnect();
  },
};
