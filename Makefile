# Every command of the project; `make help` lists them. Needs python3 (3.11 or newer, with venv), make and git.
# 全部命令见 make help；只需要带 venv 的 Python 3.11+、make 和 git。

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CHECKS := check-format check-lint check-types check-imports check-dead check-duplicates check-translations check-banks check-frontend

# The lock files carry versions and hashes only: no index, no folder, no address of this machine.
COMPILE := env -u UV_INDEX -u UV_EXTRA_INDEX_URL -u UV_FIND_LINKS $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)

.DEFAULT_GOAL := help
.PHONY: help run test test-hard check $(CHECKS) bench lock translations wheel clean setup setup-dev python

help: ## list these commands · 列出全部命令
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## set everything up and start the demo (ARGS="--port 9000") · 安装并启动演示平台
	@exec $(BIN)/lms demo $(ARGS)

test: setup-dev ## set everything up and run all tests · 安装并运行全部测试
	@$(BIN)/python scripts/run_tests.py

test-hard: setup-dev ## the long forms of the reliability tests · 运行可靠性长测
	@$(BIN)/python scripts/run_tests.py --hard

check: setup-dev $(CHECKS) ## format, lint, types, imports, dead and duplicate code, translations, question banks · 静态检查

bench: setup-dev ## measure the hot paths, one JSON line each · 性能基准
	@$(BIN)/python -m bench $(ARGS)

lock: $(BIN)/uv ## write the lock files (UPGRADE=--upgrade for newer versions) · 更新依赖锁定文件
	@$(COMPILE) pyproject.toml requirements-build.in -o requirements.lock
	@for name in dev node ffmpeg uv; do \
		$(COMPILE) requirements-$$name.in -o requirements-$$name.lock || exit 1; \
	done
	@! grep -nE 'https?://|file:|--(index-url|extra-index-url|find-links)' requirements*.lock

translations: setup-dev ## take new texts into the English catalogue · 提取界面文字并更新英文译文
	@$(BIN)/python scripts/check_translations.py --update

wheel: setup ## build dist/*.whl with templates, migrations, banks and built files inside · 构建安装包
	@$(BIN)/uv build --quiet --wheel --offline --no-build-isolation --python $(BIN)/python --out-dir dist

clean: ## remove what make has built; media/ stays · 清除构建产物，保留 media/
	rm -rf $(VENV) dist frontend/node_modules lms/static/dist lms/assets/fonts .cache .*_cache .hypothesis test-results
	find lms -name '*.mo' -delete

setup: python
	@$(PYTHON) scripts/setup.py

setup-dev: python
	@$(PYTHON) scripts/setup.py --dev

python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
		echo "需要 Python 3.11 或更新版本 · Python 3.11 or newer is needed:"; \
		echo "  Debian/Ubuntu: apt install python3 python3-venv    Fedora: dnf install python3"; exit 1; }

$(BIN)/uv:
	@$(PYTHON) scripts/setup.py

check-format: setup-dev
	$(BIN)/ruff format --check

check-lint: setup-dev
	$(BIN)/ruff check

check-types: setup-dev
	$(BIN)/mypy

check-imports: setup-dev
	$(BIN)/lint-imports

check-dead: setup-dev
	$(BIN)/python scripts/check_dead_code.py

check-duplicates: setup-dev
	$(BIN)/pylint lms

check-translations: setup-dev
	$(BIN)/python scripts/check_translations.py

check-frontend: setup-dev
	cd frontend && PATH="$(CURDIR)/$(BIN):$$PATH" npm test --silent

check-banks: setup-dev
	$(BIN)/python -m lms.questionbank.check question_banks
