/* global AudioWorkletProcessor, registerProcessor */
/** Hands what the microphone hears to the page, as it comes: 128 samples a time. */
class Talk extends AudioWorkletProcessor {
  process(inputs) {
    const heard = inputs[0][0];
    if (heard) this.port.postMessage(heard.slice());
    return true;
  }
}
registerProcessor("talk", Talk);
