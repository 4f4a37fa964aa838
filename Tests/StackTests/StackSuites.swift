// The suites that start whole stacks run one after the other: each stack has a dozen threads and sockets of its own.

import Testing

@Suite(.serialized) enum StackSuites {}
