// Browsers start no worker from a file, so that the search of a site that is opened without a server would stay empty.
// There a frame of the page, which nobody sees, runs the script of the worker instead. Anywhere else nothing changes.
if (location.protocol === "file:") {
  window.Worker = class FrameWorker {
    constructor(url) {
      this.early = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.heard = data => this.onmessage?.({ data })
      this.frame.srcdoc =
        "<script>postMessage = data => frameElement.heard(data)</script>" +
        `<script src="${new URL(url, location.href)}"></script>`
      this.frame.onload = () => {
        this.early.forEach(data => this.frame.contentWindow.onmessage({ data }))
        this.early = undefined
      }
      document.addEventListener("DOMContentLoaded", () => document.body.append(this.frame))
      document.body?.append(this.frame)
    }

    postMessage(data) {
      if (this.early) this.early.push(data)
      else this.frame.contentWindow.onmessage({ data })
    }

    terminate() {
      this.frame.remove()
    }
  }
}
