// `kuaibao`: the person's tool.

import Console

@main
struct Main {
    static func main() async { await KuaibaoCommand.run() }
}
