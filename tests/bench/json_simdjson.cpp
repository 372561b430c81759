// json_simdjson FILE: what bench_json does, by simdjson's on-demand reader, which
// looks at three strings of each log and decodes none.
#include <chrono>
#include <cstdio>
#include <simdjson.h>

using namespace simdjson;

static size_t read(ondemand::parser &parser, const padded_string &text)
{
	ondemand::document doc = parser.iterate(text);
	size_t logs = 0;

	for (ondemand::object log : doc["result"].get_array()) {
		logs += log["address"].get_string().value().size() > 0;
		for (auto topic : log["topics"].get_array())
			(void)topic.get_string().value();
		(void)log["data"].get_string().value();
	}
	return logs;
}

int main(int argc, char **argv)
{
	const padded_string text = padded_string::load(argc > 1 ? argv[1] : "");
	ondemand::parser parser;
	size_t logs = 0, times = 0;
	std::chrono::duration<double> seconds;
	const auto began = std::chrono::steady_clock::now();

	do {
		logs = read(parser, text);
		times++;
		seconds = std::chrono::steady_clock::now() - began;
	} while (seconds.count() < 2);
	std::printf("simdjson\t%.0f\t%.0f\n", times * text.size() / 1e6 / seconds.count(), times * logs / seconds.count());
}
