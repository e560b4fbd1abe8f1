// grpc.testing.TestService by npm's @grpc/grpc-js: `serve` prints READY HOST:PORT and serves until it is stopped;
// `call PORT` calls a server, a case a line, and ends with the count.
'use strict'
const grpc = require('@grpc/grpc-js')
const loader = require('@grpc/proto-loader')
const assert = require('assert')
const path = require('path')
const sleep = require('util').promisify(setTimeout)

const definition = loader.loadSync(path.join(__dirname, 'interop.proto'), { keepCase: true, defaults: true })
const { TestService } = grpc.loadPackageDefinition(definition).grpc.testing
const { status } = grpc
const TRAILER = 'x-grpc-test-echo-trailing-bin'
const INITIAL = 'x-grpc-test-echo-initial'
const zeros = (size) => ({ body: Buffer.alloc(size) })

function echoed(metadata, ...names) {
  const echo = new grpc.Metadata()
  for (const name of names) for (const value of metadata.get(name)) echo.add(name, value)
  return echo
}

const failure = (wish) => ({ code: wish.code, details: wish.message })

const service = {
  EmptyCall: (call, reply) => reply(null, {}),
  UnaryCall(call, reply) {
    call.sendMetadata(echoed(call.metadata, INITIAL))
    const wish = call.request.response_status
    const trailers = echoed(call.metadata, TRAILER)
    if (wish && wish.code) reply({ ...failure(wish), metadata: trailers })
    else reply(null, { payload: zeros(call.request.response_size) }, trailers)
  },
  StreamingOutputCall(call) {
    for (const wish of call.request.response_parameters) call.write({ payload: zeros(wish.size) })
    call.end()
  },
  StreamingInputCall(call, reply) {
    let size = 0
    call.on('data', (message) => { size += message.payload.body.length })
    call.on('end', () => reply(null, { aggregated_payload_size: size }))
  },
  FullDuplexCall(call) {
    call.sendMetadata(echoed(call.metadata, INITIAL))
    let written = Promise.resolve()
    call.on('data', (message) => {
      const wish = message.response_status
      if (wish && wish.code) return call.emit('error', failure(wish))
      for (const each of message.response_parameters) {
        written = written.then(() => sleep(each.interval_us / 1000)).then(() => call.write({ payload: zeros(each.size) }))
      }
    })
    call.on('end', () => written.then(() => call.end(echoed(call.metadata, TRAILER))))
  },
}

function serve() {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': 8 << 20 })
  server.addService(TestService.service, service)
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error
    console.log(`READY 127.0.0.1:${port}`)
  })
  process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)))
}

// Of a unary call or one that streams requests.
function answer(start, options = {}) {
  return new Promise((resolve) => {
    const result = {}
    const call = start((error, reply) => { Object.assign(result, { error, reply }) }, options)
    call.on('metadata', (metadata) => { result.initial = metadata })
    call.on('status', (end) => { result.end = end; setImmediate(() => resolve(result)) })
    result.call = call
    if (options.started) options.started(call)
  })
}

// Of a call that streams replies.
function replies(call, each = () => {}) {
  return new Promise((resolve) => {
    const result = { sizes: [] }
    call.on('data', (reply) => { result.sizes.push(reply.payload.body.length); each(result.sizes.length) })
    call.on('metadata', (metadata) => { result.initial = metadata })
    call.on('error', () => {})
    call.on('status', (end) => { result.end = end; resolve(result) })
  })
}

const SIZES = [31415, 9, 2653, 58979]
const wishes = (sizes) => sizes.map((size) => ({ size }))
const soon = () => ({ deadline: Date.now() + 20000 })

const cases = {
  async 'unary calls, of no bytes and of many'(stub) {
    const empty = await answer((done) => stub.EmptyCall({}, soon(), done))
    assert.strictEqual(empty.end.code, status.OK)
    for (const [up, down] of [[0, 0], [1, 1], [271828, 314159], [4000000, 4000000]]) {
      const { reply } = await answer((done) => stub.UnaryCall({ payload: zeros(up), response_size: down }, soon(), done))
      assert.strictEqual(reply.payload.body.length, down)
    }
  },
  async 'many calls at once over one connection'(stub) {
    const calls = [...Array(1000).keys()].map((size) => answer((done) => stub.UnaryCall({ response_size: size }, soon(), done)))
    for (const [size, { reply }] of (await Promise.all(calls)).entries()) {
      assert.strictEqual(reply.payload.body.length, size)
    }
  },
  async 'streams of replies, of requests, and of both'(stub) {
    const output = await replies(stub.StreamingOutputCall({ response_parameters: wishes(SIZES) }, soon()))
    assert.deepStrictEqual(output.sizes, SIZES)
    const input = await answer((done) => {
      const call = stub.StreamingInputCall(soon(), done)
      for (const size of SIZES) call.write({ payload: zeros(size) })
      call.end()
      return call
    })
    assert.strictEqual(input.reply.aggregated_payload_size, 93056)
    // A reply before the next request.
    const call = stub.FullDuplexCall(soon())
    const ask = (at) => (at < SIZES.length ? call.write({ response_parameters: wishes([SIZES[at]]) }) : call.end())
    ask(0)
    assert.deepStrictEqual((await replies(call, ask)).sizes, SIZES)
    const nothing = stub.FullDuplexCall(soon())
    nothing.end()
    assert.deepStrictEqual((await replies(nothing)).sizes, [])
  },
  async 'metadata goes both ways, as text and as bytes'(stub) {
    const metadata = new grpc.Metadata()
    metadata.set(INITIAL, 'test_initial_metadata_value')
    metadata.set(TRAILER, Buffer.from([0, 1, 0xab, 0xff]))
    const unary = await answer((done) => stub.UnaryCall({ response_size: 3 }, metadata, soon(), done))
    const call = stub.FullDuplexCall(metadata, soon())
    call.write({ response_parameters: wishes([1]) })
    call.end()
    for (const result of [unary, await replies(call)]) {
      assert.deepStrictEqual(result.initial.get(INITIAL), ['test_initial_metadata_value'])
      assert.deepStrictEqual(result.end.metadata.get(TRAILER), [Buffer.from([0, 1, 0xab, 0xff])])
    }
  },
  async 'failures have code and text, which may be any'(stub) {
    for (const message of ['test status message', '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n']) {
      const wish = { response_status: { code: 2, message } }
      const unary = await answer((done) => stub.UnaryCall(wish, soon(), done))
      const call = stub.FullDuplexCall(soon())
      call.write(wish)
      call.end()
      for (const { end } of [unary, await replies(call)]) {
        assert.strictEqual(end.code, 2)
        assert.strictEqual(end.details, message)
      }
    }
  },
  async 'what is not there is UNIMPLEMENTED, and the channel goes on'(stub) {
    const { end } = await answer((done) => stub.UnimplementedCall({}, soon(), done))
    assert.strictEqual(end.code, status.UNIMPLEMENTED)
    assert.strictEqual((await answer((done) => stub.EmptyCall({}, soon(), done))).end.code, status.OK)
  },
  async 'calls end when they are cancelled, and at their deadline'(stub) {
    const begun = await answer((done) => stub.StreamingInputCall(soon(), done), { started: (call) => call.cancel() })
    assert.strictEqual(begun.end.code, status.CANCELLED)
    const call = stub.FullDuplexCall(soon())
    call.write({ response_parameters: wishes([31415]) })
    assert.strictEqual((await replies(call, () => call.cancel())).end.code, status.CANCELLED)
    const late = stub.FullDuplexCall({ deadline: Date.now() + 100 })
    late.write({ response_parameters: [{ size: 1, interval_us: 3e6 }] })
    assert.strictEqual((await replies(late)).end.code, status.DEADLINE_EXCEEDED)
    assert.strictEqual((await answer((done) => stub.EmptyCall({}, soon(), done))).end.code, status.OK)
  },
}

async function call(port) {
  const stub = new TestService(`127.0.0.1:${port}`, grpc.credentials.createInsecure(),
    { 'grpc.max_receive_message_length': 8 << 20, 'grpc.default_compression_algorithm': Number(process.argv[4] || 0) })
  let failed = 0
  for (const [sentence, body] of Object.entries(cases)) {
    try {
      await body(stub)
    } catch (error) {
      failed += 1
      console.log(`FAILED: ${sentence}\n${error.stack}`)
    }
  }
  stub.close()
  const count = Object.keys(cases).length
  console.log(`test cases: ${count} | ${count - failed} passed | ${failed} failed | 0 skipped`)
  process.exitCode = failed ? 1 : 0
}

if (process.argv[2] === 'serve') serve()
else call(process.argv[3])
