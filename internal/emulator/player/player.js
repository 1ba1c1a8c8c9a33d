// Plays a recording of the emulator: H.264 and Opus in MPEG-TS, which browsers
// do not play by themselves. Each segment is put into fragments of MP4, as it is.
'use strict'

const ticks = 90000

// ---- MPEG-TS -----------------------------------------------------------------

// demux takes a segment apart: pictures and packets of sound with their times.
function demux(bytes) {
  const out = { video: [], audio: [] }
  let program = -1
  const kinds = new Map() // of streams, by packet id
  const open = new Map() // packets under way
  for (let at = 0; at + 188 <= bytes.length; at += 188) {
    const p = bytes.subarray(at, at + 188)
    if (p[0] !== 0x47) throw new Error('no MPEG-TS at byte ' + at)
    const pid = (p[1] & 0x1f) << 8 | p[2]
    const starts = p[1] & 0x40
    let rest = p.subarray(4)
    if (p[3] & 0x20) rest = rest.subarray(1 + rest[0])
    if (!(p[3] & 0x10)) continue
    if (pid === 0) {
      const s = rest.subarray(1 + rest[0])
      program = (s[10] & 0x1f) << 8 | s[11]
    } else if (pid === program) {
      streams(rest.subarray(1 + rest[0]), kinds)
    } else if (kinds.has(pid)) {
      if (starts) {
        close(out, kinds, open, pid)
        open.set(pid, [])
      }
      if (open.has(pid)) open.get(pid).push(rest)
    }
  }
  for (const pid of [...open.keys()]) close(out, kinds, open, pid)
  return out
}

function streams(s, kinds) {
  const end = 3 + ((s[1] & 0x0f) << 8 | s[2]) - 4
  let at = 12 + ((s[10] & 0x0f) << 8 | s[11])
  while (at < end) {
    const pid = (s[at + 1] & 0x1f) << 8 | s[at + 2]
    const length = (s[at + 3] & 0x0f) << 8 | s[at + 4]
    const told = String.fromCharCode(...s.subarray(at + 5, at + 5 + length))
    if (s[at] === 0x1b) kinds.set(pid, 'video')
    if (s[at] === 0x06 && told.includes('Opus')) kinds.set(pid, 'audio')
    at += 5 + length
  }
}

function close(out, kinds, open, pid) {
  if (!open.has(pid)) return
  const p = concat(open.get(pid))
  open.delete(pid)
  const time = (p[9] & 0x0e) * 2 ** 29 + ((p[10] << 8 | p[11]) >> 1) * 2 ** 15 + ((p[12] << 8 | p[13]) >> 1)
  const data = p.subarray(9 + p[8])
  out[kinds.get(pid)].push(kinds.get(pid) === 'video' ? picture(time, data) : sound(time, data))
}

// picture puts lengths before the NAL units, where there were start codes.
function picture(time, data) {
  const nals = []
  let from = -1
  for (let i = 0; i + 2 < data.length; i++) {
    if (data[i] || data[i + 1] || data[i + 2] !== 1) continue
    if (from >= 0) nals.push(data.subarray(from, data[i - 1] === 0 ? i - 1 : i))
    from = i + 3
    i += 2
  }
  if (from >= 0) nals.push(data.subarray(from))
  const kept = nals.filter(n => (n[0] & 31) !== 9)
  return {
    time, key: kept.some(n => (n[0] & 31) === 5),
    sps: kept.find(n => (n[0] & 31) === 7), pps: kept.find(n => (n[0] & 31) === 8),
    data: concat(kept.flatMap(n => [u32(n.length), n])),
  }
}

// sound takes off the header that tells the size.
function sound(time, data) {
  let at = 2
  while (data[at] === 255) at++
  return { time, key: true, data: data.subarray(at + 1) }
}

// ---- MP4 (ISO/IEC 14496-12, -15; Opus in ISOBMFF) ----------------------------

function concat(parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0))
  let at = 0
  for (const p of parts) { all.set(p, at); at += p.length }
  return all
}
const u16 = n => new Uint8Array([n >> 8, n])
const u32 = n => new Uint8Array([n >>> 24, n >>> 16, n >>> 8, n])
const zeros = n => new Uint8Array(n)
const text = s => Uint8Array.from(s, c => c.charCodeAt(0))
function box(name, ...parts) {
  const body = concat(parts)
  return concat([u32(8 + body.length), text(name), body])
}
const full = (name, version, flags, ...parts) => box(name, u32(version * 2 ** 24 + flags), ...parts)
const matrix = concat([0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].map(u32))

// head is what a track begins with. Times are in ticks of 90 kHz in both.
function head(kind, entry, width, height) {
  const video = kind === 'video'
  return concat([
    box('ftyp', text('isom'), u32(1), text('isomavc1')),
    box('moov',
      full('mvhd', 0, 0, zeros(8), u32(ticks), zeros(4), u32(0x10000), u16(0x100), zeros(10), matrix, zeros(24), u32(2)),
      box('trak',
        full('tkhd', 0, 7, zeros(8), u32(1), zeros(20), u16(video ? 0 : 0x100), zeros(2), matrix, u32(width * 65536), u32(height * 65536)),
        box('mdia',
          full('mdhd', 0, 0, zeros(8), u32(ticks), zeros(4), u16(0x55c4), zeros(2)),
          full('hdlr', 0, 0, zeros(4), text(video ? 'vide' : 'soun'), zeros(13)),
          box('minf',
            video ? full('vmhd', 0, 1, zeros(8)) : full('smhd', 0, 0, zeros(4)),
            box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1))),
            box('stbl', full('stsd', 0, 0, u32(1), entry), full('stts', 0, 0, u32(0)), full('stsc', 0, 0, u32(0)),
              full('stsz', 0, 0, zeros(8)), full('stco', 0, 0, u32(0)))))),
      box('mvex', full('trex', 0, 0, u32(1), u32(1), zeros(12)))),
  ])
}

function videoHead(sps, pps, width, height) {
  const avcC = box('avcC', new Uint8Array([1, sps[1], sps[2], sps[3], 0xff, 0xe1]), u16(sps.length), sps, new Uint8Array([1]), u16(pps.length), pps)
  return head('video', box('avc1', zeros(6), u16(1), zeros(16), u16(width), u16(height), u32(0x480000), u32(0x480000), zeros(4), u16(1), zeros(32),
    u16(0x18), u16(0xffff), avcC), width, height)
}

function audioHead() {
  const dOps = box('dOps', new Uint8Array([0, 2]), u16(0), u32(48000), u16(0), zeros(1))
  return head('audio', box('Opus', zeros(6), u16(1), zeros(8), u16(2), u16(16), zeros(4), u32(48000 * 65536), dOps), 0, 0)
}

// fragment is the samples of a segment, which are for a time of the recording.
function fragment(number, from, samples) {
  const size = 8 + samples.length * 12
  const build = offset => box('moof',
    full('mfhd', 0, 0, u32(number)),
    box('traf',
      full('tfhd', 0, 0x20000, u32(1)),
      full('tfdt', 1, 0, u32(Math.floor(from / 2 ** 32)), u32(from % 2 ** 32)),
      full('trun', 0, 0x701, u32(samples.length), u32(offset),
        ...samples.flatMap(s => [u32(s.length), u32(s.data.length), u32(s.key ? 0x2000000 : 0x1010000)]))))
  const length = build(0).length
  return concat([build(length + 8), box('mdat', ...samples.map(s => s.data))])
}

// timed gives each sample its length: until the next one, or for the last one
// as long as the one before.
function timed(samples, otherwise) {
  samples.forEach((s, n) => {
    const next = samples[n + 1]
    s.length = next ? next.time - s.time : n > 0 ? samples[n - 1].length : otherwise
  })
  return samples
}

// ---- HLS ---------------------------------------------------------------------

async function read(url) {
  const answer = await fetch(url)
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return answer
}

// playlist reads the media playlist that the multivariant one names.
async function playlist(multivariant) {
  const lines = (await (await read(multivariant)).text()).split('\n')
  const told = lines.find(l => l.startsWith('#EXT-X-STREAM-INF')) || ''
  const url = new URL(lines.find(l => l && !l.startsWith('#')), multivariant)
  const media = (await (await read(url)).text()).split('\n')
  const segments = []
  let length = 0
  for (const l of media) {
    if (l.startsWith('#EXTINF:')) length = parseFloat(l.slice(8))
    else if (l && !l.startsWith('#')) segments.push({ url: new URL(l, url), length })
  }
  const [, codecs] = told.match(/CODECS="([^"]*)"/) || []
  const [, width, height] = told.match(/RESOLUTION=(\d+)x(\d+)/) || []
  return { segments, codecs: codecs ? codecs.split(',') : [], width: +width, height: +height, ended: media.includes('#EXT-X-ENDLIST') }
}

// ---- Playing -----------------------------------------------------------------

const show = what => { document.getElementById('state').textContent = what }

function tell(facts) {
  for (const [name, value] of Object.entries(facts)) {
    const row = document.getElementById('facts').insertRow()
    row.insertCell().textContent = name
    row.insertCell().textContent = value
  }
}

const happens = (target, name) => new Promise((done, fail) => {
  target.addEventListener(name, done, { once: true })
  target.addEventListener('error', () => fail(new Error('the browser does not take it')), { once: true })
})

async function append(buffer, data) {
  buffer.appendBuffer(data)
  await happens(buffer, 'updateend')
}

async function play(multivariant) {
  const list = await playlist(multivariant)
  const length = list.segments.reduce((sum, s) => sum + s.length, 0)
  tell({
    playlist: multivariant.href, state: list.ended ? 'it has ended' : 'it goes on',
    length: `${length.toFixed(1)} s in ${list.segments.length} segments`, codecs: list.codecs.join(', '), size: `${list.width} × ${list.height}`,
  })
  if (!list.segments.length) return show('There is nothing in it.')
  const video = document.getElementById('video')
  const source = new MediaSource()
  video.src = URL.createObjectURL(source)
  await happens(source, 'sourceopen')
  const buffers = {}
  for (const codec of list.codecs) {
    const kind = codec === 'opus' ? 'audio' : 'video'
    buffers[kind] = source.addSourceBuffer(`${kind}/mp4; codecs="${codec}"`)
  }
  if (buffers.audio) await append(buffers.audio, audioHead())
  let from = 0
  let number = 1
  for (const s of list.segments) {
    const parts = demux(new Uint8Array(await (await read(s.url)).arrayBuffer()))
    const first = parts.video[0]
    await append(buffers.video, videoHead(first.sps, first.pps, list.width, list.height))
    for (const kind of Object.keys(buffers)) {
      const samples = timed(parts[kind], kind === 'video' ? ticks / 30 : ticks / 50)
      if (!samples.length) continue
      const at = Math.max(0, Math.round(from * ticks) + samples[0].time - first.time)
      await append(buffers[kind], fragment(number++, at, samples))
    }
    from += s.length
    show(`${from.toFixed(1)} of ${length.toFixed(1)} s are loaded.`)
  }
  source.endOfStream()
  video.addEventListener('timeupdate', () => show(`Playing: ${video.currentTime.toFixed(1)} of ${video.duration.toFixed(1)} s.`))
  video.addEventListener('ended', () => {
    const q = video.getVideoPlaybackQuality()
    show(`Played to the end: ${video.duration.toFixed(1)} s, ${q.totalVideoFrames} pictures of ${video.videoWidth} × ${video.videoHeight}.`)
  })
  await video.play()
}

const wanted = new URL(location.href).searchParams
const path = ['bucket', 'prefix'].map(name => (wanted.get(name) || '').split('/').map(encodeURIComponent).join('/')).join('/')
play(new URL(`recordings/${path.replace(/\/$/, '')}/media/hls/multivariant.m3u8`, location.href)).catch(e => show(`It cannot be played: ${e.message}`))
