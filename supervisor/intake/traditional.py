"""Traditional characters that structure a notice, with their simplified forms; the rest of such a text stays as it is.

One for one, so that folding keeps length. Names are shown as printed all the same.
"""

from collections.abc import Iterable

from supervisor.intake.draft import Problem
from supervisor.words import N_

_TRADITIONAL = (
    "牽頭單責負門區縣辦廳會屬導調員組長職時間開實圖總務進應發財設規劃體環與農業歲貫徹協屆關於號級層鎮鄉黨團隊處爲為產稅資訊經"
    "濟質監視檢驗標準審計統籌聯絡領貿傳電網廣衛運輸樂學術養醫療藥災難軍轉氣測繪點類項題義勞動態續擴興創鎖鏈條戶據對從來這個過"
    "還將結強權壓縮減稱報書記錄額圍劑優華國際東島濱陽陰灣雲貴遼寧蘇贛閩魯鄭漢廈滬瀘場廠莊園館樓橋鐵軌車輛輪飛機艦艙鋼礦鹽糧種"
    "獸魚蠶絲綢紡織紙張筆幣錢銀證劵險債貸賬費價預決歸納儲備語詞誌讀寫聽說話談論議許訴訟諮詢請謝護讓識訪評試該詳誠誤諧謀謹課詐"
    "註冊訂討訓託紅約紀純紛細紹終絕綜綠維綱緊緒線編緩績縱繼繫達遠違連遲適選遺邊邁遊鄰郵醜釋鑑針釣鈔鉛銅銷鋪錯鍵鏡鐘閉閒閱闊闡"
    "陣陳陸階隨隱雜離雙雖頂順須頒頓頗頻顏願顧顯餘馬駐駕騙驚鬥鬧鮮鳥麗麥黃齊齡龍龐龜併倉們傷兒內兩凍別則剛劇劉勝勢勳匯參嗎問啟"
    "喪嚴圓壇壞壩壯聲夠夢奪奮婦媽孫寶寬嶺師帶幫幾庫廟廢廬彈彌後復徵恆惡愛慶憂憑懷戰戲拋捨掃掛採擇擊擋擔擺攔攝攜攤敗敵數斷極構"
    "槍樞樣樹橫檔歐歡歷殘殺毀沒況淺湯溝滅滾滿漁潔潛澤灘無煙煩熱燈燒營爐爭爺牆狀獨獲獎現畝畢畫異當疊癥盡盤眾睏礎確碼礙禍禮積穩"
    "窮窩競節範築簡簽籃糾聖聞肅脅腦腳腫膽臟臨舉舊艱藝萬葉蓋蔣薩薦藍蘭虛蟲衝補裝裡製複見覺覽觀覈鑒羣迴啓幹佔麵鬆穫讚徑滙"
    "億棟樑榮櫃殼濕灑爾獻睜給練繞繳罰罷羅習膠觸診詩認誰講譽變貝貢貧貨販貪賀賓賞賠賣賴購贈趙跡踐軟較載輔輕輝辭週遷鍋閣靈靜響頁風飯"
    "飲駛騎騰驅驟髮鳴齒堅執專尋峽嶄彙恥悅愴憲懸撥擾暫曉殯淨渦湧溫漲漸煉猶瑪盜祿穀竊籤綵罵臺誼諒諾貯賢贏趨躍軒輩遙釀錦鑽閃閑霧韓飾"
    "償儀傾僅僑儘勁勵勸卻吳塊塗墊墜壽夾奧宮屢帥廚彎慣慮憶擁擬擠敘"
)
_SIMPLIFIED = (
    "牵头单责负门区县办厅会属导调员组长职时间开实图总务进应发财设规划体环与农业岁贯彻协届关于号级层镇乡党团队处为为产税资讯经"
    "济质监视检验标准审计统筹联络领贸传电网广卫运输乐学术养医疗药灾难军转气测绘点类项题义劳动态续扩兴创锁链条户据对从来这个过"
    "还将结强权压缩减称报书记录额围剂优华国际东岛滨阳阴湾云贵辽宁苏赣闽鲁郑汉厦沪泸场厂庄园馆楼桥铁轨车辆轮飞机舰舱钢矿盐粮种"
    "兽鱼蚕丝绸纺织纸张笔币钱银证券险债贷账费价预决归纳储备语词志读写听说话谈论议许诉讼咨询请谢护让识访评试该详诚误谐谋谨课诈"
    "注册订讨训托红约纪纯纷细绍终绝综绿维纲紧绪线编缓绩纵继系达远违连迟适选遗边迈游邻邮丑释鉴针钓钞铅铜销铺错键镜钟闭闲阅阔阐"
    "阵陈陆阶随隐杂离双虽顶顺须颁顿颇频颜愿顾显余马驻驾骗惊斗闹鲜鸟丽麦黄齐龄龙庞龟并仓们伤儿内两冻别则刚剧刘胜势勋汇参吗问启"
    "丧严圆坛坏坝壮声够梦夺奋妇妈孙宝宽岭师带帮几库庙废庐弹弥后复征恒恶爱庆忧凭怀战戏抛舍扫挂采择击挡担摆拦摄携摊败敌数断极构"
    "枪枢样树横档欧欢历残杀毁没况浅汤沟灭滚满渔洁潜泽滩无烟烦热灯烧营炉争爷墙状独获奖现亩毕画异当叠症尽盘众困础确码碍祸礼积稳"
    "穷窝竞节范筑简签篮纠圣闻肃胁脑脚肿胆脏临举旧艰艺万叶盖蒋萨荐蓝兰虚虫冲补装里制复见觉览观核鉴群回启干占面松获赞径汇"
    "亿栋梁荣柜壳湿洒尔献睁给练绕缴罚罢罗习胶触诊诗认谁讲誉变贝贡贫货贩贪贺宾赏赔卖赖购赠赵迹践软较载辅轻辉辞周迁锅阁灵静响页风饭"
    "饮驶骑腾驱骤发鸣齿坚执专寻峡崭汇耻悦怆宪悬拨扰暂晓殡净涡涌温涨渐炼犹玛盗禄谷窃签彩骂台谊谅诺贮贤赢趋跃轩辈遥酿锦钻闪闲雾韩饰"
    "偿仪倾仅侨尽劲励劝却吴块涂垫坠寿夹奥宫屡帅厨弯惯虑忆拥拟挤叙"
)
TRADITIONAL = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True))
_SHARE = 20  # one character in so many: a text in traditional characters, not a name or two


def of_script(text: str) -> Iterable[Problem]:
    """Yield a word on a text in traditional characters: what is not in the table may be overlooked."""
    sample = text[:20000]
    old = sum(char in TRADITIONAL for char in sample)
    if old * _SHARE > sum("\u4e00" <= char <= "\u9fff" for char in sample):
        sentence = N_(
            "This text is in traditional characters. Names are kept as printed; some wording may be overlooked."
        )
        yield Problem("traditional", sentence.msgid)
