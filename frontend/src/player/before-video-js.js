// Has to run before video.js is loaded: without this it would write a <style> element, which the content security policy forbids.
window.VIDEOJS_NO_DYNAMIC_STYLE = true;
